extension Descriptor {
    /// Reads up to the end.
    package static func readAll(_ descriptor: Int32) throws(SystemFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = try read(descriptor, upTo: 65_536)
            if part.isEmpty { return bytes }
            bytes += part
        }
    }
}
