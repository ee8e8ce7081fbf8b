import LoopModel

/// What the targets of a check mean, each function once, and under a name that no other has.
struct DistinctFunctions {
    private var taken: Set<FunctionName> = []
    private var known: Set<Identity> = []

    private struct Identity: Hashable {
        var source: String
        var handler: String
        var name: FunctionName
    }

    /// Those functions that are new; of the same name as another, one is called after its folder, too.
    mutating func adding(_ functions: [FunctionConfiguration]) -> [FunctionConfiguration] {
        functions.compactMap { function in
            let identity = Identity(source: function.source, handler: function.handler, name: function.name)
            guard known.insert(identity).inserted else { return nil }
            var function = function
            guard !taken.insert(function.name).inserted else { return function }
            // The handler goes on to be told its own name.
            function.alias = function.alias ?? function.name
            let folder = function.root.split(separator: "/").last ?? ""
            let name = FunctionName(sanitizing: "\(folder)-\(function.name)")
            function.name = name
            var number = 2
            while !taken.insert(function.name).inserted {
                function.name = FunctionName(sanitizing: "\(number)-\(name)")
                number += 1
            }
            return function
        }
    }
}
