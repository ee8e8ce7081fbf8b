import LoopModel

/// What there is to be said of an invocation that was killed at its memory limit.
struct MemoryAdvice {
    let text: String

    /// nil for one that was not.
    init?(_ invocation: InvocationRecord) {
        guard let limit = invocation.exceededMemory else { return nil }
        let size = "\(limit >> 20) MB"
        let lines =
            invocation.isCold
            ? [
                "The environment held more than the \(size) that its function has, and was killed as on AWS Lambda.",
                "It was its first invocation: loading the handler counts. Give the function more (memory: in its manifest),",
                "import what is needed only now and then where it is used, or read large input in parts.",
            ]
            : [
                "The environment held more than the \(size) that its function has, and was killed as on AWS Lambda.",
                "If what it held grows from one invocation to the next (`loopwarden history --json`, peakMemoryBytes),",
                "something is kept: a list, a cache or a client at module level. Else this event takes more than others:",
                "give the function more (memory: in its manifest), or read large input in parts.",
            ]
        text = lines.joined(separator: "\n")
    }
}
