import LoopModel
import LoopOS

extension Doctor {
    /// What the kernel does for environments here.
    func cgroups() -> Check {
        let name = "cgroups"
        let byHand = "by hand: systemd-run --user --pty -p Delegate=yes loopwarden daemon …"
        switch groups {
        case .success(let tree):
            let wanted = ControlGroupTree.Controller.allCases
            let found = wanted.filter(tree.controllers.contains).map(\.rawValue)
            let missing = wanted.filter { !tree.controllers.contains($0) }.map(\.rawValue)
            var detail = "\(tree.root.path): environments are frozen and ended as one"
            if !found.isEmpty { detail += "; \(Self.list(found)) counted and limited" }
            guard !missing.isEmpty else { return Check(name: name, state: Check.good, detail: detail) }
            detail += "; not \(Self.list(missing))"
            let advice =
                "cgroup v1 holds them (boot with systemd.unified_cgroup_hierarchy=1), or a group above does not hand them "
                + "on (its cgroup.subtree_control), or other processes stand in the daemon's own group."
            return Check(name: name, state: Check.fair, detail: detail, advice: advice)
        case .failure(let failure):
            let detail = "\(failure); environments are frozen by SIGSTOP, and nothing limits them"
            let advice =
                switch failure {
                case .switchedOff: "Take the setting cgroups: off out."
                case .noHierarchy:
                    "Boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1), or mount it in the container."
                case .notDelegated:
                    "Under systemd: Delegate=yes in the unit, as ours has it; \(byHand). Or name a cgroup that is yours "
                        + "by the setting cgroups."
                case .notAGroup, .noController, .system:
                    "Name a cgroup that this user may write to by the setting cgroups, or take the setting out."
                }
            return Check(name: name, state: Check.fair, detail: detail, advice: advice)
        }
    }

    /// What functions ask for and do not get here.
    func resources() -> [Check] {
        let controllers = (try? groups.get())?.controllers ?? []
        return functions.compactMap { function in
            var lacks: [String] = []
            if let share = function.resources.processors, !controllers.contains(.cpu) {
                lacks.append("cpu: \(Self.spoken(share)) has no effect: it runs on all processors")
            }
            if function.resources.memoryLimit == .enforce, !controllers.contains(.memory) {
                lacks.append(
                    "its memory is looked at by the daemon, every 10 ms, and that of its child processes is not counted"
                )
            } else if function.resources.memoryLimit == .auto, function.resources.isMemoryGiven,
                !controllers.contains(.memory)
            {
                lacks.append("memory: \(function.memory) is told to it, and not enforced")
            }
            guard !lacks.isEmpty else { return nil }
            let advice = "See cgroups; memoryLimit: enforce in the manifest does without, memoryLimit: off is content."
            return Check(
                name: "resources of \(function.name)",
                state: Check.fair,
                detail: lacks.joined(separator: "; "),
                advice: advice
            )
        }
    }

    private static func list(_ words: [String]) -> String {
        words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
    }

    /// At most two digits after the point: 0.07.
    private static func spoken(_ share: Double) -> String {
        let hundredths = Int((share * 100).rounded())
        return hundredths % 100 == 0 ? "\(hundredths / 100)" : "\(Double(hundredths) / 100)"
    }
}
