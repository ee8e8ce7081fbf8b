internal import CLoopOS
internal import Glibc

/// The part of the cgroup hierarchy that a daemon has to itself: a group with one group below it for each environment.
///
/// systemd gives a service such a part by `Delegate=yes`; whoever is told to may also make one in a folder that the
/// operator names. Nobody else's group is touched: systemd has each of its own to itself.
package struct ControlGroupTree: Sendable {
    /// `loopwarden-NAME`, below the group that was delegated.
    package let root: ControlGroup
    /// What the kernel limits and counts here.
    package let controllers: Set<Controller>
    /// How many processes an earlier daemon had left in it.
    package let leftBehind: Int
    /// The group that this process was in, where it had to move out of the way.
    private let home: ControlGroup?
    /// The folder that was made for it, where the operator named one that was not there.
    package let made: ControlGroup?

    /// What Loopwarden has a use for.
    package enum Controller: String, Sendable, CaseIterable {
        case cpu
        case memory
        case pids
    }

    /// Where it may be.
    package enum Choice: Hashable, Sendable {
        /// In this process's own group, if that was delegated to it.
        case auto
        case off
        /// In the group of that path.
        case at(String)
    }

    /// Takes a part of the hierarchy for this process, and ends all that an earlier one of the same name had left there.
    ///
    /// - Parameters:
    ///   - choice: where.
    ///   - name: the same for the same daemon, and for no other that may run.
    /// - Returns: the part, with nothing in it yet.
    /// - Throws: why there are no groups to be had.
    package static func open(_ choice: Choice, name: String) throws(ControlGroupFailure) -> Self {
        var made: ControlGroup?
        let base: ControlGroup
        switch choice {
        case .off: throw .switchedOff
        case .auto:
            guard let place = ControlGroupPlace.own else { throw .noHierarchy }
            guard isDelegated(place) else { throw .notDelegated(place.name) }
            base = place.group
        case .at(let path):
            base = ControlGroup(path: path)
            if try makeFolder(of: base) { made = base }
            if let failure = failureToJoin(base) {
                made?.removeAlone()
                throw failure
            }
        }
        do {
            return try take(base, name: name, moves: choice == .auto, made: made)
        } catch {
            made?.removeAlone()
            throw .system(error)
        }
    }

    /// Sees to it that the group which the operator has named is there, and one.
    ///
    /// - Returns: whether it had to be made.
    private static func makeFolder(of base: ControlGroup) throws(ControlGroupFailure) -> Bool {
        let isMissing = FileStamp(path: base.path) == nil
        let isGroup: Bool
        do throws(SystemFailure) {
            if isMissing { try base.make() }
            isGroup = try system("statfs", base.path) { loop_is_cgroup2(base.path) } == 1
        } catch {
            throw .system(error)
        }
        guard isGroup else {
            if isMissing { base.removeAlone() }
            throw .notAGroup(base.path)
        }
        return isMissing
    }

    private static func take(
        _ base: ControlGroup,
        name: String,
        moves: Bool,
        made: ControlGroup?
    ) throws(SystemFailure) -> Self {
        let root = base.child("loopwarden-\(name)")
        let left = root.processes.count
        root.end(by: MonotonicClock.nanoseconds() + patience)
        try root.make()
        let wanted = available(in: base)
        var home: ControlGroup?
        if moves, !wanted.isEmpty {
            // A group that hands its controllers on may hold no process itself.
            let own = root.child(ownName)
            try own.make()
            try own.write("0", to: "cgroup.procs")
            home = base
        }
        for controller in wanted { try? base.write("+\(controller.rawValue)", to: "cgroup.subtree_control") }
        for controller in available(in: root) {
            try? root.write("+\(controller.rawValue)", to: "cgroup.subtree_control")
        }
        return Self(
            root: root,
            controllers: named(root.read("cgroup.subtree_control")),
            leftBehind: left,
            home: home,
            made: made
        )
    }

    private static func available(in group: ControlGroup) -> Set<Controller> { named(group.read("cgroup.controllers")) }

    /// Those of a line such as `cpuset cpu io memory pids` that Loopwarden has a use for.
    static func named(_ line: String?) -> Set<Controller> {
        Set((line ?? "").split(separator: " ").compactMap { Controller(rawValue: String($0)) })
    }

    /// The group of an environment; not made yet.
    package func group(_ name: String) -> ControlGroup { root.child(name) }

    /// Gives everything back: nothing is left of the groups, and this process is where it was.
    package func close() {
        for child in root.children where child.path != root.child(Self.ownName).path {
            child.end(by: MonotonicClock.nanoseconds() + Self.patience)
        }
        for controller in controllers {
            try? root.write("-\(controller.rawValue)", to: "cgroup.subtree_control")
        }
        if let home {
            for controller in controllers {
                try? home.write("-\(controller.rawValue)", to: "cgroup.subtree_control")
            }
            try? home.write("0", to: "cgroup.procs")
        }
        root.remove()
        // Other daemons may have their parts in it.
        made?.removeAlone()
    }

    /// Of the group that this process itself is in.
    private static let ownName = "daemon"
    /// In nanoseconds: how long what is killed may take to be gone.
    private static let patience: Int64 = 2_000_000_000

    // MARK: Whose it is

    /// Whether a process's own group was given to it, and not only lies open to it.
    private static func isDelegated(_ place: ControlGroupPlace) -> Bool {
        let path = place.group.path
        guard access(path, W_OK) == 0, access("\(path)/cgroup.procs", W_OK) == 0,
            access("\(path)/cgroup.subtree_control", W_OK) == 0
        else { return false }
        // What systemd marks a group by that it has delegated (systemd.exec(5)).
        if loop_has_mark(path, "user.delegate") == 1 || loop_has_mark(path, "trusted.delegate") == 1 { return true }
        // A container with a part of its own; the root of the whole hierarchy has no type.
        if place.name == "/" { return FileStamp(path: "\(path)/cgroup.type") != nil }
        // Older systemds mark it for root only; a service of its own that this user owns is as good.
        return geteuid() != 0 && FileStamp.owner(of: path) == geteuid()
            && (place.group.read("cgroup.procs") ?? "") == "\(getpid())"
    }

    /// Why no process could be moved into a group of that folder; nil: one can.
    private static func failureToJoin(_ base: ControlGroup) -> ControlGroupFailure? {
        guard let place = ControlGroupPlace.own else { return .noHierarchy }
        // The kernel asks for the right to write in the nearest group that both lie in (cgroups(7)).
        var common = base.path
        while common.count > place.mount.count, place.group.path != common, !place.group.path.hasPrefix("\(common)/") {
            common = String(common[..<(common.lastIndex(of: "/") ?? common.startIndex)])
        }
        for path in [base.path, "\(common)/cgroup.procs"] where access(path, W_OK) != 0 {
            return .system(SystemFailure(call: "access", code: errno, context: path))
        }
        return nil
    }
}

/// Why environments have no groups of their own.
package enum ControlGroupFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The operator said so.
    case switchedOff
    /// cgroup v2 is not mounted here.
    case noHierarchy
    /// The daemon's own group belongs to somebody else, systemd for example.
    case notDelegated(String)
    /// The path that the operator named is no group.
    case notAGroup(String)
    /// The kernel counts and limits nothing of what is asked for in the daemon's part, whose path it is.
    case noController(String)
    case system(SystemFailure)

    package var description: String {
        switch self {
        case .switchedOff: "switched off by the setting cgroups"
        case .noHierarchy: "cgroup v2 is not mounted, or shows nothing of this process's part"
        case .notDelegated(let name): "the daemon's own cgroup, \(name), was not delegated to it"
        case .notAGroup(let path): "\(path) is no folder of a cgroup v2 hierarchy"
        case .noController(let path): "the kernel hands on no controller for it to \(path)"
        case .system(let failure): "\(failure)"
        }
    }
}
