internal import Foundation

/// Sizes of files.
enum FileSize {
    /// In bytes; 0 when there is no such file.
    static func of(_ path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}
