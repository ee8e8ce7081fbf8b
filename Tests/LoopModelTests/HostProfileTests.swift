import LoopModel
import Testing

@Suite("Host profiles") struct HostProfileTests {
    @Test("have names of their own") func uniqueNames() {
        #expect(Set(HostProfile.known).count == HostProfile.known.count)
    }

    @Test("that people know are run by one with code") func engines() {
        for host in HostProfile.known {
            #expect((HostProfile.engines + [.ric]).contains(host.engine), "\(host)")
        }
    }

    // Tests/ServiceTests/test_real_hosts.py looks at the first of each only.
    @Test(
        "that differ in name only do the same",
        arguments: [
            ["uvicorn", "jupyter", "azure-async", "running"],
            ["hypercorn", "daphne", "tornado"],
            ["fastapi", "starlette"],
            ["flask", "django"],
            ["mangum-0.22", "mangum"],
        ]
    )
    func same(names: [String]) {
        let hosts = names.map(HostProfile.init)
        #expect(Set(hosts.map(\.engine)).count == 1)
        #expect(Set(hosts.map(\.traits)).count == 1)
    }

    @Test(
        "that differ in one thing do not",
        arguments: [("uvicorn", "hypercorn"), ("fastapi", "django-asgi"), ("mangum-0.19", "mangum-0.22")]
    )
    func different(one: String, other: String) {
        let (one, other) = (HostProfile(rawValue: one), HostProfile(rawValue: other))
        #expect(one.engine != other.engine || one.traits != other.traits)
    }
}
