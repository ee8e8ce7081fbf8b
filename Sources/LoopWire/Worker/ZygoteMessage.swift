internal import LoopModel

/// The first thing that a zygote says: whether environments can be forked from it.
package struct ZygoteMessage: Hashable, Sendable {
    /// Where it finds modules; a package that is installed or removed changes one of them.
    package var folders: [String]?
    /// The files of layers that were loaded.
    package var modules: [WorkerInfo.LoadedModule]?
    /// Why nothing can be forked from it; nil: it can.
    package var refused: String?

    /// - Throws: when that is no such message.
    package init(json: RawSpan) throws(WireFailure) {
        let object = try WorkerObject(json, "a zygote's first message")
        folders = try object.list("folders", \.stringValue)
        modules = try object.list("modules", WorkerInfo.LoadedModule.init)
        refused = try object.optional("refused", \.stringValue)
    }
}
