/// Where a process stands in the unified hierarchy, as /proc tells it.
package struct ControlGroupPlace: Hashable, Sendable {
    /// The process's group as a folder; absolute.
    package var group: ControlGroup
    /// Where the hierarchy is mounted; absolute.
    package var mount: String
    /// The group's path as the kernel says it; `/` at the root of the hierarchy, or of the process's part of it.
    package var name: String

    /// nil where there is no such hierarchy, or where the group lies outside of what can be seen of it.
    ///
    /// - Parameters:
    ///   - groups: what /proc/PID/cgroup holds.
    ///   - mounts: what /proc/PID/mountinfo holds.
    package init?(groups: String, mounts: String) {
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        name = String(line.dropFirst(3))
        guard !name.hasPrefix("/..") else { return nil }
        for line in mounts.split(separator: "\n") {
            // … root, mount point, options, optional fields, a dash, the type: proc(5).
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, dash + 1 < fields.count,
                fields[dash + 1] == "cgroup2"
            else { continue }
            let root = Self.unescaped(fields[3])
            let point = Self.unescaped(fields[4])
            guard let below = Self.path(name, below: root) else { continue }
            mount = point
            group = ControlGroup(path: point + below)
            return
        }
        return nil
    }

    /// This process's.
    package static var own: Self? {
        guard let groups = try? File.read("/proc/self/cgroup"), let mounts = try? File.read("/proc/self/mountinfo")
        else { return nil }
        return Self(groups: String(decoding: groups, as: UTF8.self), mounts: String(decoding: mounts, as: UTF8.self))
    }

    /// What is left of a path below another: empty for the same, else with a slash at its begin.
    private static func path(_ path: String, below root: String) -> String? {
        if path == root || path == "/" && root == "/" { return "" }
        if root == "/" { return path }
        return path.hasPrefix("\(root)/") ? String(path.dropFirst(root.count)) : nil
    }

    /// Spaces and the like are written as three octal digits: `\040`.
    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("\\") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest.removeFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
