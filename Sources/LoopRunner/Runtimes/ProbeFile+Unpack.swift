internal import LoopModel
package import LoopOS
package import PythonProbe

extension ProbeFile {
    /// Writes all files into a folder of their own, unless they are there.
    ///
    /// The folder is named by the files' content and appears in one step, so that two daemons, of the same or of
    /// different versions, may share it.
    ///
    /// - Parameter folder: exists.
    /// - Returns: the path that holds ``bootstrap``.
    /// - Throws: when the folder cannot be written.
    package static func unpack(into folder: String) throws(SystemFailure) -> String {
        let path = "\(folder)/probe-\(contentHash)"
        if FileStamp(path: path) != nil { return path }
        let temporary = "\(path).\(EnvironmentID.random().short)"
        try Folder.make(temporary)
        var made: Set<String> = []
        for file in all {
            var inner = temporary
            for part in file.name.split(separator: "/").dropLast() {
                inner += "/\(part)"
                if made.insert(inner).inserted { try Folder.make(inner) }
            }
            try File.write(file.bytes, to: "\(temporary)/\(file.name)", mode: 0o600)
        }
        do {
            try File.rename(temporary, to: path)
        } catch {
            try? Folder.removeAll(temporary)
            // Somebody else was faster: the content is the same.
            guard FileStamp(path: path) != nil else { throw error }
        }
        return path
    }

    /// Two FNV-1a sums of 64 bits over all names and bytes, in hexadecimal.
    private static let contentHash: String = {
        var sums: (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x8422_2325_cbf2_9ce4)
        for file in all {
            for byte in file.name.utf8 + [0] + file.bytes + [0] {
                sums.0 = (sums.0 ^ UInt64(byte)) &* 0x100_0000_01b3
                sums.1 = (sums.1 ^ UInt64(byte)) &* 0x100_0000_01b3 &+ 1
            }
        }
        return String(sums.0, radix: 16) + String(sums.1, radix: 16)
    }()
}
