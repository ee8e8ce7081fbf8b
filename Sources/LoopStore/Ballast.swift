internal import Foundation

/// A file that only takes up space, to be given back to a full disk: then even deleting old history, which writes
/// before it frees, can be done (facts: reliability §0.9).
struct Ballast: Sendable {
    let path: String
    /// In bytes; 0: no ballast is kept.
    let size: Int

    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    /// Lays it down where it is missing and the disk has room for it; best effort.
    ///
    /// - Parameter times: For how many of its size there must be room: in the course of work twice, so that it does not
    ///   fill a disk that has just got some space.
    func restore(ifRoomFor times: Int = 2) {
        guard size > 0, !isThere, freeSpace >= times * size else { return }
        let temporary = path + ".new"
        let manager = FileManager.default
        // Real bytes: a file of holes takes up no space.
        let block = Data((0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) })
        guard manager.createFile(atPath: temporary, contents: nil),
            let file = FileHandle(forWritingAtPath: temporary)
        else { return }
        do {
            for start in stride(from: 0, to: size, by: block.count) {
                try file.write(contentsOf: block.prefix(min(block.count, size - start)))
            }
            try file.close()
            try manager.moveItem(atPath: temporary, toPath: path)
        } catch {
            try? file.close()
            try? manager.removeItem(atPath: temporary)
        }
    }

    /// - Returns: whether there was something to give up.
    func giveUp() -> Bool {
        guard isThere else { return false }
        return (try? FileManager.default.removeItem(atPath: path)) != nil
    }

    private var freeSpace: Int {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    }
}
