/// What another process holds, as /proc tells it.
package enum ProcessMemory {
    /// The most that a process has ever had in memory since it began its program (`VmHWM`), in bytes.
    ///
    /// - Returns: nil when it is gone.
    package static func peak(of process: Int32) -> Int? {
        ThreadFile.text(of: process, process, "status").flatMap(peak)
    }

    /// What the lines of /proc/PID/status say.
    static func peak(in status: String) -> Int? {
        // In bytes, not in characters: it is asked for after many an invocation.
        let line = status.utf8.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "VmHWM:".utf8) }
        let number = line?.dropFirst("VmHWM:".utf8.count).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let digits = number?.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return digits.flatMap { Int(Substring($0)) }.map { $0 << 10 }
    }
}
