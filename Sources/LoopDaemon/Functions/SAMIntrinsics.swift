import Yams

/// Works out the values of a template that are written as intrinsic functions, as far as that can be done without a
/// deployment: with parameters' defaults, and the names that `sam local` uses (a resource's logical id, stack `local`).
///
/// Source: AWS CloudFormation, "Intrinsic function reference" and "Pseudo parameters reference"; SAM CLI's local resolver.
struct SAMIntrinsics {
    private static let pseudoParameters = [
        "AWS::AccountId": "123456789012",
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "AWS::StackName": "local",
        "AWS::StackId":
            "arn:aws:cloudformation:us-east-1:123456789012:stack/local/51af3dc0-da77",
        "AWS::URLSuffix": "amazonaws.com",
    ]
    /// Templates nest functions in functions; nobody nests them deeper.
    private static let deepest = 16

    private let parameters: Node?
    private let mappings: Node?
    private let resources: Node?

    init(template: Node?) {
        parameters = template?["Parameters"]
        mappings = template?["Mappings"]
        resources = template?["Resources"]
    }

    /// The text that a value comes to; nil for a list, an object, or what only a deployment knows.
    func text(_ node: Node?) -> String? { text(node, depth: 0) }

    /// The name in `!Ref NAME`, short or long; nil for anything else.
    func reference(_ node: Node?) -> String? {
        guard let (function, argument) = Self.call(node), function == "Ref" else { return nil }
        return argument.scalar?.string
    }

    private func text(_ node: Node?, depth: Int) -> String? {
        guard let node, depth < Self.deepest else { return nil }
        guard let (function, argument) = Self.call(node) else { return node.scalar?.string }
        let next = depth + 1
        switch function {
        case "Ref": return argument.scalar.flatMap { value(of: $0.string) }
        case "Sub": return substituted(argument, depth: next)
        case "GetAtt":
            let name =
                argument.scalar?.string.split(separator: ".").first.map(String.init)
                ?? argument.sequence?.first?.scalar?.string
            return name.flatMap { resources?[$0] == nil ? nil : $0 }
        case "Join":
            guard let parts = argument.sequence, parts.count == 2, let items = parts[1].sequence,
                let separator = text(parts[0], depth: next)
            else { return nil }
            let texts = items.compactMap { text($0, depth: next) }
            return texts.count == items.count ? texts.joined(separator: separator) : nil
        case "Select":
            guard let parts = argument.sequence, parts.count == 2, let items = parts[1].sequence,
                let index = text(parts[0], depth: next).flatMap({ Int($0) }), items.indices.contains(index)
            else { return nil }
            return text(items[index], depth: next)
        case "FindInMap":
            guard let keys = argument.sequence?.map({ text($0, depth: next) }), keys.count == 3,
                let map = keys[0], let first = keys[1], let second = keys[2]
            else { return nil }
            return text(mappings?[map]?[first]?[second], depth: next)
        default: return nil
        }
    }

    private func value(of name: String) -> String? {
        if let pseudo = Self.pseudoParameters[name] { return pseudo }
        if let parameter = parameters?[name] { return parameter["Default"]?.scalar?.string }
        return resources?[name] == nil ? nil : name
    }

    /// `${Name}`, `${Name.Attribute}` and, written as they are, `${!Name}`.
    private func substituted(_ argument: Node, depth: Int) -> String? {
        guard let pattern = argument.scalar?.string ?? argument.sequence?.first?.scalar?.string else { return nil }
        let own = argument.sequence.flatMap { $0.count > 1 ? $0[1] : nil }
        var text = ""
        var rest = pattern[...]
        while let start = rest.firstRange(of: "${") {
            text += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}") else { return text + "${" + rest }
            let name = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
            if name.hasPrefix("!") {
                text += "${\(name.dropFirst())}"
            } else if let value = own?[name].flatMap({ self.text($0, depth: depth) }) ?? value(of: name)
                ?? name.split(separator: ".").first.flatMap({ resources?[String($0)] == nil ? nil : String($0) })
            {
                text += value
            } else {
                return nil
            }
        }
        return text + rest
    }

    /// The function and its argument in `!Sub x`, `{Fn::Sub: x}` and `{Ref: x}`; nil for a plain value.
    private static func call(_ node: Node?) -> (function: String, argument: Node)? {
        guard let node else { return nil }
        let tag = node.tag.description
        if tag.hasPrefix("!"), !tag.hasPrefix("!!") { return (String(tag.dropFirst()), node) }
        guard let mapping = node.mapping, mapping.count == 1, let (key, argument) = mapping.first,
            let name = key.string, name == "Ref" || name.hasPrefix("Fn::")
        else { return nil }
        return (name == "Ref" ? name : String(name.dropFirst("Fn::".count)), argument)
    }
}
