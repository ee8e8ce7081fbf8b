import LoopModel

extension PythonSource {
    /// What calls of these names make, in a web framework or an adapter to one.
    private static let makers: [String: HandlerKind] = [
        "FastAPI": .asgi, "Starlette": .asgi, "Quart": .asgi, "Litestar": .asgi, "Sanic": .asgi,
        "get_asgi_application": .asgi, "ProtocolTypeRouter": .asgi, "asgi.App": .asgi, "WsgiToAsgi": .asgi,
        "WSGIMiddleware": .asgi, "AsyncApp": .asgi,
        "Flask": .wsgi, "APIFlask": .wsgi, "Bottle": .wsgi, "get_wsgi_application": .wsgi, "falcon.App": .wsgi,
        "falcon.API": .wsgi, "make_wsgi_app": .wsgi, "ASGIMiddleware": .wsgi,
        "Mangum": .lambda, "Chalice": .lambda, "APIGatewayRestResolver": .lambda, "APIGatewayHttpResolver": .lambda,
        "LambdaFunctionUrlResolver": .lambda, "ALBResolver": .lambda,
    ]

    /// What servers call the app where nobody says otherwise.
    private static let appNames = ["app", "application"]

    /// What makes an app where there is none.
    private static let factoryNames = ["create_app", "make_app"]

    /// The name of the handler that a module most likely means: a function for AWS Lambda, else a web app.
    static func handlerName(in text: String) -> String {
        let own = topLevelNames(in: text)
        let names = own + importedNames(in: text)
        if let name = (["handler", "lambda_handler"] + appNames).first(where: names.contains) { return name }
        if let app = own.first(where: { [.asgi, .wsgi].contains(kind(of: $0, in: text)) }) { return app }
        return factoryNames.first(where: own.contains).map { "\($0)()" } ?? "handler"
    }

    /// What a name of a module stands for, as far as its lines tell; `create_app()` is what that function returns.
    static func kind(of name: String, in text: String) -> HandlerKind {
        if name.hasSuffix("()") { return .app }
        var kind: HandlerKind?
        // The last line counts: apps are wrapped into middlewares.
        for line in text.split(separator: "\n") {
            if line.hasPrefix("async def \(name)(") || line.hasPrefix("def \(name)(") {
                kind = line.contains("scope") ? .asgi : line.contains("start_response") ? .wsgi : nil
                if line.contains("event") { kind = .lambda }
            } else if let value = value(of: name, setBy: line) {
                kind = maker(in: value)
            }
        }
        return kind ?? (appNames.contains(name) ? .app : .lambda)
    }

    /// The names that a module's text takes over from others at its top level.
    static func importedNames(in text: String) -> [String] {
        var names: [String] = []
        for line in text.split(separator: "\n") where line.hasPrefix("from ") || line.hasPrefix("import ") {
            let code = line.prefix { $0 != "#" }
            let words = code.split { $0.isWhitespace || "(),".contains($0) }
            guard let start = words.firstIndex(of: "import") else { continue }
            // Of `a as b` it is the b.
            for index in words.indices.dropFirst(start + 1) where words[index] != "as" {
                let next = index + 1 < words.endIndex ? words[index + 1] : ""
                if next != "as" { names.append(String(words[index])) }
            }
        }
        return names
    }

    private static func value(of name: String, setBy line: Substring) -> Substring? {
        guard line.hasPrefix(name) else { return nil }
        let after = line.dropFirst(name.count)
        guard let next = after.first, " =:".contains(next), let equals = after.firstIndex(of: "=") else { return nil }
        let value = after[after.index(after: equals)...]
        return value.first == "=" ? nil : value.drop(while: \.isWhitespace)
    }

    private static func maker(in value: Substring) -> HandlerKind? {
        let path = value.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        guard value.dropFirst(path.count).first == "(" else { return nil }
        let words = path.split(separator: ".")
        return makers[words.suffix(2).joined(separator: ".")] ?? words.last.flatMap { makers[String($0)] }
    }
}
