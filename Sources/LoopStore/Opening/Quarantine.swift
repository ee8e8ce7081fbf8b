internal import Foundation
internal import LoopModel

/// Puts a damaged file aside, under a name that no other has, for whoever wants to save what is in it.
enum Quarantine {
    /// Moves the database with its log and shared memory.
    ///
    /// - Returns: the database's new path.
    static func putAside(_ path: String, at moment: WallTime) throws -> String {
        let manager = FileManager.default
        let stamp = moment.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
        let base = "\(path).corrupt-\(stamp)"
        var target = base
        var number = 2
        while suffixes.contains(where: { manager.fileExists(atPath: target + $0) }) {
            target = "\(base)-\(number)"
            number += 1
        }
        for suffix in suffixes where manager.fileExists(atPath: path + suffix) {
            do {
                // Does not overwrite.
                try manager.moveItem(atPath: path + suffix, toPath: target + suffix)
            } catch {
                throw StoreFailure.cannotOpen(
                    path: path,
                    reason: "it is damaged and cannot be put aside: \(error.localizedDescription)"
                )
            }
        }
        return target
    }

    /// Whether a log lies there without its database.
    static func hasOrphanedLog(_ path: String) -> Bool {
        FileSize.of(path + "-wal") > 0 && !FileManager.default.fileExists(atPath: path)
    }

    /// The database first: one that is interrupted leaves a log without a database, which is put aside next time; the
    /// other way round would leave a database without its latest commits.
    private static let suffixes = ["", "-wal", "-shm"]
}
