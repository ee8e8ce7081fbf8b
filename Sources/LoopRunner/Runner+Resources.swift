internal import Logging
internal import LoopModel
internal import LoopOS
internal import NIOCore

// What environments may have of the machine, and what they have had of it. Where the daemon has a part of the cgroup
// hierarchy to itself, each environment has a group of its own, and the kernel counts and limits; elsewhere /proc tells.

extension Runner {
    // MARK: Groups

    /// Takes the daemon's part of the hierarchy, and ends what an earlier daemon has left in its own.
    func openGroups() {
        let name = String(fingerprint(of: [folder]).prefix(12))
        let note = "\(folder)/cgroup"
        var left = 0
        // The earlier daemon may have stood elsewhere in the hierarchy.
        if let bytes = try? File.read(note) {
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            if let old = lines.first, old.hasSuffix("/loopwarden-\(name)") {
                left = ControlGroup(path: old).processes.count
                ControlGroup(path: old).end(by: MonotonicClock.nanoseconds() + 2_000_000_000)
                // It was made for the daemon, and goes with it.
                if lines.count > 1 { ControlGroup(path: lines[1]).removeAlone() }
            }
            try? File.remove(note)
        }
        do {
            let tree = try ControlGroupTree.open(groupChoice, name: name)
            groups = .success(tree)
            let lines = [tree.root.path] + (tree.made.map { [$0.path] } ?? [])
            try? File.write(lines.joined(separator: "\n").utf8, to: note)
            left += tree.leftBehind
            if left > 0 {
                logger.notice(
                    "Ended processes that an earlier daemon had left",
                    metadata: ["cgroup": "\(tree.root.path)", "process.count": "\(left)"]
                )
            }
            logger.info(
                "Environments have cgroups",
                metadata: [
                    "cgroup": "\(tree.root.path)",
                    "controllers": "\(tree.controllers.map(\.rawValue).sorted().joined(separator: " "))",
                ]
            )
        } catch {
            groups = .failure(error)
            // Who has named a path expects groups there.
            if case .at = groupChoice {
                logger.warning("Environments have no cgroups", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Gives the daemon's part of the hierarchy back; nothing runs in it any more.
    func closeGroups() {
        guard case .success(let tree) = groups else { return }
        tree.close()
        groups = .failure(.switchedOff)
        try? File.remove("\(folder)/cgroup")
    }

    private func has(_ controller: ControlGroupTree.Controller) -> Bool {
        (try? groups.get())?.controllers.contains(controller) ?? false
    }

    /// The group that an environment's process is to be started in; nil: none.
    ///
    /// What the environment may hold is settled with it.
    func groupOrder(for environment: RunningEnvironment) -> ControlGroupOrder? {
        let configuration = environment.configuration
        let resources = configuration.resources
        let isLimited =
            switch resources.memoryLimit {
            case .auto: resources.isMemoryGiven && has(.memory)
            case .enforce: true
            case .off: false
            }
        environment.memory = EnvironmentMemory(limit: isLimited ? configuration.memory << 20 : nil)
        environment.memory.isWatched = isLimited && !has(.memory)
        if environment.memory.isWatched { keepMemoryWatch() }
        guard case .success(let tree) = groups else { return nil }
        var order = ControlGroupOrder(group: tree.group(environment.record.id.rawValue))
        if has(.memory), let limit = environment.memory.limit { order.limitMemory(to: limit) }
        if has(.pids) { order.limitProcesses(to: Self.mostProcesses) }
        return order
    }

    /// Sees to it that an environment whose process could not be put into its group has its limit all the same.
    func noteGroup(of environment: RunningEnvironment) {
        guard case .success(let tree) = groups, let process = environment.process, process.group == nil else { return }
        if environment.memory.limit != nil {
            environment.memory.isWatched = true
            keepMemoryWatch()
        }
        guard !toldOfMissingGroup else { return }
        toldOfMissingGroup = true
        logger.warning(
            "An environment has no cgroup: it could not be made, or not be joined",
            metadata: ["cgroup": "\(tree.root.path)", "function": "\(environment.record.function)"]
        )
    }

    /// Processes and threads of an environment, as on AWS Lambda (facts: lambda §2).
    private static let mostProcesses = 1024

    /// Gives an environment that has loaded its handler its share of the processors, as AWS Lambda does: loading has all
    /// there is.
    func limitProcessors(of environment: RunningEnvironment) {
        guard let share = environment.configuration.resources.processors else { return }
        do {
            guard has(.cpu), let group = environment.process?.group else { throw groupsFailure }
            try group.write(ControlGroupOrder.processorTime(share), to: "cpu.max")
        } catch {
            guard toldOfProcessors.insert(environment.record.function).inserted else { return }
            logger.warning(
                "The function's share of the processors has no effect; `loopwarden doctor` says what to do",
                metadata: ["function": "\(environment.record.function)", "reason": "\(error)"]
            )
        }
    }

    /// Why something that takes a controller cannot be done.
    private var groupsFailure: any Error {
        switch groups {
        case .success(let tree): ControlGroupFailure.noController(tree.root.path)
        case .failure(let failure): failure
        }
    }

    // MARK: Memory

    /// Looks how much memory an environment has held at most; does nothing where its process is gone.
    func lookAtMemory(of environment: RunningEnvironment) {
        guard let process = environment.process, environment.processEnd == nil else { return }
        // Kernels before 5.19 tell nothing of a group's peak.
        let ofGroup = has(.memory) ? process.group?.peakMemory : nil
        if let bytes = ofGroup ?? ProcessMemory.peak(of: process.processID) { environment.memory.saw(bytes) }
    }

    /// Notes in an invocation's record what its environment has held.
    ///
    /// - Parameters:
    ///   - environment: the invocation is at its end.
    ///   - record: with its duration.
    ///   - isAsked: whether somebody waits for the figure, so that it is looked up in any case.
    func noteMemory(of environment: RunningEnvironment, in record: inout InvocationRecord, isAsked: Bool) {
        if environment.memory.isDue(after: record.duration) || isAsked { lookAtMemory(of: environment) }
        if let peak = environment.processEnd?.peakMemory { environment.memory.saw(peak) }
        record.peakMemory = environment.memory.peak > 0 ? environment.memory.peak : nil
        if environment.memory.isExceeded {
            record.exceededMemory = environment.memory.limit
            // As AWS Lambda reports it; how far it went beyond until it was gone says nothing.
            record.peakMemory = environment.memory.limit
        }
    }

    /// Whether an environment whose limit the daemon itself sees to is over it; then it is killed.
    ///
    /// What it answers does not count any more.
    func exceedsMemory(_ environment: RunningEnvironment) -> Bool {
        if environment.memory.isExceeded { return true }
        guard environment.memory.isWatched, let limit = environment.memory.limit else { return false }
        lookAtMemory(of: environment)
        guard environment.memory.peak > limit else { return false }
        environment.memory.isExceeded = true
        environment.process?.kill()
        return true
    }

    /// Takes note that the kernel has killed an environment because it was at its limit, if so it was.
    func noteMemoryKill(of environment: RunningEnvironment) {
        guard let end = environment.processEnd, end.memoryKills > 0, environment.memory.limit != nil,
            environment.end == nil
        else { return }
        environment.memory.isExceeded = true
    }

    /// Makes sure that environments whose limit the daemon sees to are looked at.
    func keepMemoryWatch() {
        if memoryWatch == nil {
            memoryWatch = eventLoop.scheduleTask(in: Self.memoryInterval) { self.assumeIsolated { $0.watchMemory() } }
        }
    }

    /// Between two looks; what takes memory as fast as it can has some 100 MB more by then.
    private static let memoryInterval = TimeAmount.milliseconds(10)

    private func watchMemory() {
        memoryWatch = nil
        var areThereAny = false
        for pool in Array(pools.values) + removed {
            for environment in pool.environments.values where environment.memory.isWatched && environment.end == nil {
                // An idle one is looked at after its next invocation.
                guard environment.state != .idle else { continue }
                areThereAny = true
                _ = exceedsMemory(environment)
            }
        }
        if areThereAny { keepMemoryWatch() }
    }
}
