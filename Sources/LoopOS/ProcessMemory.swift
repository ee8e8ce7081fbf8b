/// What another process holds, as /proc tells it.
package enum ProcessMemory {
    /// The most that a process has ever had in memory since it began its program (`VmHWM`), in bytes.
    ///
    /// - Returns: nil when it is gone.
    package static func peak(of process: Int32) -> Int? {
        ThreadFile.text(of: process, process, "status").flatMap(peak)
    }

    /// What a process has in memory now, in bytes; what it shares with others is divided among them (`Pss`).
    ///
    /// Takes a millisecond for a large process.
    ///
    /// - Returns: nil when it is gone.
    package static func share(of process: Int32) -> Int? {
        guard let bytes = try? File.read("/proc/\(process)/smaps_rollup") else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let fields = lines.first { $0.hasPrefix("Pss:") }?.split(separator: " ") ?? []
        return fields.count > 1 ? Int(fields[1]).map { $0 << 10 } : nil
    }

    /// What the lines of /proc/PID/status say.
    static func peak(in status: String) -> Int? {
        // By bytes and only as far as need be: it is asked for after many an invocation.
        var rest = status.utf8[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[..<end]
            if line.starts(with: "VmHWM:".utf8) {
                let digits = line.drop { !isDigit($0) }.prefix(while: isDigit)
                return Int(Substring(digits)).map { $0 << 10 }
            }
            rest = rest[rest.index(after: end)...]
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
