import LoopModel

/// Whether a module should be imported before a fork, or why not.
enum PreloadVerdict: Hashable {
    case preload
    /// The manifest lists it.
    case listed
    /// It is the function's own.
    case own
    /// In a folder where a zygote does not look.
    case elsewhere
    /// It leaves a thread running, which a fork does not have.
    case thread
    /// A zygote has refused it; the text says why.
    case refused(String)
    /// Every zygote has it.
    case always
    /// Most cold starts do without it.
    case rare
    case cheap
    /// A manifest cannot name it.
    case unnamed

    /// What is not worth its place in a list: less than this, and less than ``leastShare`` of loading the handler.
    static let leastTime = Duration.milliseconds(1)
    /// In percent.
    static let leastShare: Int64 = 5

    init(
        on evidence: PreloadSuggestion.Evidence,
        for function: FunctionConfiguration,
        coldStarts: Int,
        initialization: Duration,
        refusals: [String]
    ) {
        let time = evidence.time
        if evidence.traits.contains(.own) {
            self = .own
        } else if let reason = Self.refusal(of: evidence.name, among: refusals) {
            self = .refused(reason)
        } else if function.preload.contains(evidence.name) {
            self = .listed
        } else if ZygoteModules.contains(evidence.name) {
            self = .always
        } else if evidence.traits.contains(.elsewhere) {
            self = .elsewhere
        } else if evidence.traits.contains(.leavesThread) {
            self = .thread
        } else if !ModuleName.isValid(evidence.name) {
            self = .unnamed
        } else if evidence.count * 2 < coldStarts {
            self = .rare
        } else if time < Self.leastTime,
            time.nanoseconds * 100 < initialization.nanoseconds * Self.leastShare
        {
            self = .cheap
        } else {
            self = .preload
        }
    }

    /// What a zygote has said against a module; it begins with the module's name.
    static func refusal(of module: String, among refusals: [String]) -> String? {
        refusals.first { $0.hasPrefix("\(module) ") }.map { String($0.dropFirst(module.count + 1)) }
    }

    /// Whether a fork does without importing it.
    var isSpared: Bool { [.preload, .listed, .always].contains(self) }

    /// One word for programs.
    var word: String {
        switch self {
        case .preload: "preload"
        case .listed: "listed"
        case .own: "own"
        case .elsewhere: "elsewhere"
        case .thread: "thread"
        case .refused: "refused"
        case .always: "always"
        case .rare: "rare"
        case .cheap: "cheap"
        case .unnamed: "unnamed"
        }
    }

    /// Why it is left out, for people.
    var reason: String {
        switch self {
        case .preload: ""
        case .listed: "it is in the list already"
        case .own: "the function's own: it runs anew in each environment"
        case .elsewhere: "it lies where only the handler looks (sys.path); a layer or requirements would do"
        case .thread: "it leaves a thread running, which a fork would not have"
        case .refused(let reason): "refused by a zygote: it \(reason)"
        case .always: "every fork has it, listed or not"
        case .rare: "most cold starts do without it"
        case .cheap: "too short to matter"
        case .unnamed: "a manifest cannot name it"
        }
    }
}
