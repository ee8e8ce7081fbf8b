import Testing

@testable import LoopOS

@Suite("What a cgroup's files say") struct ControlGroupFileTests {
    @Test("is read line by line, and nonsense is nothing")
    func values() {
        let text = "populated 1\nfrozen 0\noom_kill 3\n"
        #expect(ControlGroup.value(of: "populated", in: text) == 1)
        #expect(ControlGroup.value(of: "frozen", in: text) == 0)
        #expect(ControlGroup.value(of: "oom_kill", in: text) == 3)
        #expect(ControlGroup.value(of: "oom", in: text) == nil)
        #expect(ControlGroup.value(of: "populated", in: "populated\npopulated x\n") == nil)
        #expect(ControlGroupTree.named("cpuset cpu io memory hugetlb") == [.cpu, .memory])
        #expect(ControlGroupTree.named(nil) == [])
    }

    @Test(
        "of a share of the processors is a time in a period that the kernel takes",
        arguments: [
            (0.5, "10000 20000"), (1.0, "20000 20000"), (2.0, "40000 20000"), (0.05, "1000 20000"),
            (0.01, "1000 100000"),
            (128.0 / 1769, "1447 20000"),
        ]
    )
    func processorTime(_ share: Double, _ text: String) {
        #expect(ControlGroupOrder.processorTime(share) == text)
    }

    @Test("of a process's memory is its peak, in bytes")
    func peak() {
        #expect(
            ProcessMemory.peak(in: "Name:\tx VmHWM:\nVmPeak:\t 9 kB\nVmHWM:\t   24028 kB\nVmRSS:\t1 kB\n") == 24_028
                << 10
        )
        #expect(ProcessMemory.peak(in: "Name:\tpython\nState:\tZ (zombie)\n") == nil)
        #expect(ProcessMemory.peak(in: "VmHWM:\tmany kB\n") == nil)
        #expect(ProcessMemory.peak(of: 0) == nil)
    }
}

/// Groups that are really made, where the machine lets this user make some.
@Suite(
    "A cgroup",
    .timeLimit(.minutes(1)),
    .enabled(if: Hierarchy.folder != nil, "no cgroup v2 that may be written to")
)
struct ControlGroupTests {
    private let tree: ControlGroupTree
    private let path: String

    init() throws {
        path = "\(try #require(Hierarchy.folder))/lw-test-\(UInt64.random(in: 0 ... .max))"
        tree = try ControlGroupTree.open(.at(path), name: "test")
    }

    private func launch(_ script: String, in group: ControlGroup, named name: String = "") -> ProcessLaunch {
        var launch = Processes.launch(script, family: ProcessFamily(name: "\(UInt64.random(in: 0 ... .max))"))
        launch.group = ControlGroupOrder(group: group)
        return launch
    }

    @Test("holds the process that is born into it and what that starts, and is gone with them")
    func life() async throws {
        let group = tree.group("one")
        let process = try await Processes.start(launch("setsid -f sleep 600; exec sleep 600", in: group))
        while group.processes.count < 2 { await Task.yield() }
        #expect(group.processes.contains(process.processID))
        #expect(group.isPopulated)
        process.kill()
        let end = try await Processes().end(of: process)
        #expect(end.status == .signaled(9))
        #expect(FileStamp(path: group.path) == nil)
        tree.close()
        #expect(FileStamp(path: path) == nil)
    }

    @Test("of a program that cannot be started is gone at once")
    func failure() async throws {
        var launch = launch("", in: tree.group("none"))
        launch.executable = "/nowhere/python3"
        await #expect(throws: LaunchFailure.notFound("/nowhere/python3")) { try await Processes.start(launch) }
        #expect(tree.root.children == [])
        tree.close()
    }

    @Test("that cannot be made as ordered is not there, and the process runs without")
    func without() async throws {
        var launch = launch("exit 3", in: tree.group("odd"))
        launch.group?.settings = [.init(file: "memory.no-such-file", value: "1", isOptional: true)]
        let kept = try await Processes.start(launch)
        #expect(kept.group == tree.group("odd"))
        #expect(try await Processes().end(of: kept).status == .exited(3))
        launch.group?.settings = [.init(file: "memory.no-such-file", value: "1")]
        let process = try await Processes.start(launch)
        #expect(process.group == nil)
        #expect(tree.root.children == [])
        #expect(try await Processes().end(of: process).status == .exited(3))
        tree.close()
    }

    @Test("that is frozen stands still, says so, goes on when thawed, and can be killed as it is")
    func freezing() async throws {
        let group = tree.group("still")
        let process = try await Processes.start(launch("while :; do echo; done", in: group))
        func printed() -> Int { process.output.take().total }
        while printed() == 0 { await Task.yield() }
        try group.freeze()
        while !group.isFrozen { await Task.yield() }
        _ = printed()
        Pause.sleep(nanoseconds: 20_000_000)
        #expect(printed() == 0)
        try group.thaw()
        while printed() == 0 { await Task.yield() }
        try group.freeze()
        process.kill()
        #expect(try await Processes().end(of: process).status == .signaled(9))
        tree.close()
        #expect(FileStamp(path: path) == nil)
    }

    @Test("that an earlier daemon has left is ended with all that is in it, and no other's is")
    func leftovers() async throws {
        let other = try ControlGroupTree.open(.at(path), name: "other")
        let mine = try await Processes.start(launch("exec sleep 600", in: tree.group("mine")))
        let others = try await Processes.start(launch("exec sleep 600", in: other.group("others")))
        let next = try ControlGroupTree.open(.at(path), name: "test")
        #expect(next.leftBehind == 1)
        #expect(next.root.children == [])
        #expect(try await Processes().end(of: mine).status == .signaled(9))
        #expect(other.group("others").processes == [others.processID])
        others.kill()
        _ = try await Processes().end(of: others)
        next.close()
        other.close()
        tree.close()
        #expect(FileStamp(path: path) == nil)
    }
}

@Suite("A daemon's part of the hierarchy") struct ControlGroupTreeTests {
    @Test("is none where it is switched off, or is to be in what is no group")
    func failures() throws {
        #expect(throws: ControlGroupFailure.switchedOff) { try ControlGroupTree.open(.off, name: "x") }
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/group"
        #expect(throws: ControlGroupFailure.notAGroup(path)) { try ControlGroupTree.open(.at(path), name: "x") }
        #expect(FileStamp(path: path) == nil)
        #expect(throws: ControlGroupFailure.self) { try ControlGroupTree.open(.at("/nowhere/at/all"), name: "x") }
    }
}

/// Where groups can be made for tests.
enum Hierarchy {
    static let folder: String? = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first { path in
        let group = ControlGroup(path: path).child("lw-probe-\(UInt64.random(in: 0 ... .max))")
        guard (try? group.make()) != nil else { return false }
        defer { group.remove() }
        return group.read("cgroup.type") != nil && (try? group.write("0", to: "cgroup.freeze")) != nil
    }
}
