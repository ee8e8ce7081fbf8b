/// What another process holds, as /proc tells it.
package enum ProcessMemory {
    /// The most that a process has ever had in memory since it began its program (`VmHWM`), in bytes.
    ///
    /// - Returns: nil when it is gone.
    package static func peak(of process: Int32) -> Int? {
        guard let bytes = try? File.read("/proc/\(process)/status") else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
}
