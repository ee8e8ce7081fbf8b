/// A task that was alive when its environment was frozen, as far as the events tell.
package struct FrozenTask: Hashable, Sendable {
    /// The probe's number of it.
    package var number: Int64
    /// The name of its coroutine's function.
    package var name: String
    package var loop: LoopSerial?
    /// Before the first freeze that it met: where it waited, and after which invocation.
    package var first: Moment
    /// The same before the latest.
    package var latest: Moment
    /// For how long it has stood still, in all.
    package var stalled = Duration.zero
    /// How many freezes that were.
    package var freezes = 0
    /// Whether its function freezes after each answer, and nobody had to ask for it.
    package var isUsual = false
    /// Whether it was told of since the last thaw.
    fileprivate var isAboutToStall = true

    fileprivate init(_ event: LoopEvent, at moment: Moment) {
        number = event.value
        name = event.detail ?? ""
        loop = event.loop
        first = moment
        latest = moment
    }
}

/// The tasks that were alive when their environment was frozen, by the probe's numbers; the latest ``kept``.
package struct FrozenTasks: Hashable, Sendable {
    /// How many are remembered.
    package static let kept = 128

    private var tasks: [Int64: FrozenTask] = [:]

    package init() {}

    package subscript(number: Int64) -> FrozenTask? { tasks[number] }

    /// Those that have stood still, in the order of their numbers.
    package var stalled: [FrozenTask] { tasks.values.filter { $0.freezes > 0 }.sorted { $0.number < $1.number } }

    /// Takes in the next event of the environment.
    mutating func apply(_ event: LoopEvent, at moment: Moment) {
        switch event.kind {
        case .taskFrozen:
            if tasks[event.value] == nil {
                tasks[event.value] = FrozenTask(event, at: moment)
                if tasks.count > Self.kept, let oldest = tasks.keys.min() { tasks[oldest] = nil }
            } else {
                tasks[event.value]?.latest = moment
                tasks[event.value]?.isAboutToStall = true
            }
        case .thawed:
            for (number, task) in tasks where task.isAboutToStall {
                tasks[number]?.isAboutToStall = false
                tasks[number]?.stalled += .nanoseconds(event.value)
                tasks[number]?.freezes += 1
                if !event.flags.contains(.onRequest) { tasks[number]?.isUsual = true }
            }
        default: break
        }
    }
}
