/// An event that a check gives a handler.
package struct CheckEvent: Hashable, Sendable {
    /// What it is called where there are several, such as its file's name; nil: there is only one.
    package var name: String?
    /// JSON.
    package var bytes: [UInt8]

    package init(name: String? = nil, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
