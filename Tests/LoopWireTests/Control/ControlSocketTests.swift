import LoopWire
import Testing

@Suite("The place of the control socket") struct ControlSocketTests {
    @Test(
        "is named by variables, else the system's",
        arguments: [
            ([:], ["/run/loopwarden/api.sock"]),
            (["XDG_RUNTIME_DIR": "/run/user/7"], ["/run/user/7/loopwarden/api.sock", "/run/loopwarden/api.sock"]),
            (["XDG_RUNTIME_DIR": "relative"], ["/run/loopwarden/api.sock"]),
            (["XDG_RUNTIME_DIR": "/run/user/7", "LOOPWARDEN_SOCKET": "/s"], ["/s"]),
            (["LOOPWARDEN_SOCKET": ""], ["/run/loopwarden/api.sock"]),
        ]
    )
    func paths(_ environment: [String: String], _ paths: [String]) {
        #expect(ControlSocket.paths(environment: environment) == paths)
    }
}
