import LoopOS
import Testing

@Suite("The place of a process in the cgroup hierarchy") struct ControlGroupPlaceTests {
    private static let unified = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let hybrid = """
        24 1 8:1 / / rw - ext4 /dev/sda1 rw
        31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        32 24 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

        """

    @Test("is told by /proc, in every layout")
    func places() throws {
        let service = "0::/system.slice/loopwarden.service\n"
        let place = try #require(ControlGroupPlace(groups: service, mounts: Self.unified))
        #expect(place.group.path == "/sys/fs/cgroup/system.slice/loopwarden.service")
        #expect(place.mount == "/sys/fs/cgroup")
        #expect(place.name == "/system.slice/loopwarden.service")
        let old = "9:name=systemd:/a\n4:memory:/b\n" + service
        #expect(
            ControlGroupPlace(groups: old, mounts: Self.hybrid)?.group.path
                == "/sys/fs/cgroup/unified/system.slice/loopwarden.service"
        )
        #expect(ControlGroupPlace(groups: "0::/\n", mounts: Self.unified)?.group.path == "/sys/fs/cgroup")
    }

    @Test("is seen through a part of the hierarchy that is mounted alone, and through odd names")
    func parts() {
        let mounts = #"40 24 0:26 /docker/1f2e /sys/fs/c\040group rw - cgroup2 cgroup rw"# + "\n"
        func path(_ groups: String) -> String? { ControlGroupPlace(groups: groups, mounts: mounts)?.group.path }
        #expect(path("0::/docker/1f2e\n") == "/sys/fs/c group")
        #expect(path("0::/docker/1f2e/one\n") == "/sys/fs/c group/one")
        #expect(path("0::/docker/1f2e0\n") == nil)
    }

    @Test("is none where there is nothing to be seen of it")
    func none() {
        #expect(ControlGroupPlace(groups: "", mounts: Self.unified) == nil)
        #expect(ControlGroupPlace(groups: "4:memory:/b\n", mounts: Self.unified) == nil)
        #expect(ControlGroupPlace(groups: "0::/../other\n", mounts: Self.unified) == nil)
        #expect(ControlGroupPlace(groups: "0::/a\n", mounts: "") == nil)
        #expect(ControlGroupPlace(groups: "0::/a\n", mounts: "30 24 0:26 / /sys rw - sysfs sysfs rw\nx\n - \n") == nil)
    }
}
