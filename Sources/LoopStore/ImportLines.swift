internal import LoopModel

/// Modules as lines of numbers, in which a module's name is a row id of the table `name`.
enum ImportLines {
    /// Of each report; what a worker says of more is not kept.
    static let most = 32

    static func text(of modules: [ModuleImport], _ nameID: (String) throws -> Int64) rethrows -> String {
        try modules.prefix(most).map { module in
            let times = [module.time, module.ownTime].map { $0.nanoseconds / 1000 }
            return "\(try nameID(module.name)) \(module.traits.rawValue) \(times[0]) \(times[1])\n"
        }.joined()
    }

    /// - Returns: what can be read of it.
    static func modules(in text: String, _ name: (Int64) throws -> String) rethrows -> [ModuleImport] {
        try text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 4 else { return nil }
            return ModuleImport(
                name: try name(numbers[0]),
                time: .microseconds(numbers[2]),
                ownTime: .microseconds(numbers[3]),
                traits: ModuleImport.Traits(rawValue: Int(numbers[1]))
            )
        }
    }
}
