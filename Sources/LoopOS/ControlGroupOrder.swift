/// The group that a process is to be started in, and what the group is allowed.
package struct ControlGroupOrder: Hashable, Sendable {
    package var group: ControlGroup
    /// In order.
    package var settings: [Setting] = []

    package init(group: ControlGroup) { self.group = group }

    /// What is written to one of the group's files.
    package struct Setting: Hashable, Sendable {
        package var file: String
        package var value: String
        /// Whether the file may be missing, as that of swap where the kernel knows none.
        package var isOptional = false
    }

    /// Has the kernel kill everything in the group when it would hold more.
    ///
    /// - Parameter bytes: the page cache counts, but is given up before.
    package mutating func limitMemory(to bytes: Int) {
        settings.append(Setting(file: "memory.max", value: "\(bytes)"))
        settings.append(Setting(file: "memory.swap.max", value: "0", isOptional: true))
        settings.append(Setting(file: "memory.oom.group", value: "1", isOptional: true))
    }

    /// Has the kernel refuse further processes and threads.
    package mutating func limitProcesses(to count: Int) {
        settings.append(Setting(file: "pids.max", value: "\(count)"))
    }

    /// What `cpu.max` says for a share of the processors; 1 is one of them.
    ///
    /// The period is AWS Lambda's, 20 ms, unless the share of one would be less than the kernel takes, 1 ms.
    package static func processorTime(_ share: Double) -> String {
        let period = share >= 0.05 ? 20_000.0 : 100_000.0
        return "\(Int((share * period).rounded())) \(Int(period))"
    }

    /// Makes the group as ordered.
    ///
    /// - Throws: when it cannot be made so; nothing is left of it.
    package func make() throws(SystemFailure) {
        try group.make()
        do throws(SystemFailure) {
            for setting in settings {
                do throws(SystemFailure) {
                    try group.write(setting.value, to: setting.file)
                } catch {
                    if !setting.isOptional { throw error }
                }
            }
        } catch {
            group.remove()
            throw error
        }
    }
}
