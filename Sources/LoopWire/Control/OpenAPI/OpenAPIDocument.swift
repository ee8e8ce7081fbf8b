package import LoopModel

/// The description of the control API by OpenAPI 3.1, made of the routes that requests are read with.
package enum OpenAPIDocument {
    package static let json: JSON = [
        "openapi": "3.1.0",
        "info": [
            "title": "Loopwarden control API",
            "version": .string(loopwardenVersion),
            "summary": "Run functions cold and warm, and ask what became of their event loops.",
            "description": """
            HTTP/1.1 on a unix socket: `curl --unix-socket /run/loopwarden/api.sock http://loopwarden/v1/status`. \
            Changes are additive: clients ignore fields they do not know, and the daemon ignores parameters it \
            does not know.
            """,
        ],
        "servers": [["url": "http://loopwarden", "description": "Any host name: the socket decides."]],
        "paths": paths,
        "components": ["schemas": OpenAPISchemas.all],
    ]

    private static var paths: JSON {
        var byPath: [(path: String, operations: [JSON.Member])] = []
        for route in ControlRoutes.all {
            let operation = JSON.Member(route.method.rawValue.lowercased(), operation(for: route))
            if let index = byPath.firstIndex(where: { $0.path == route.path }) {
                byPath[index].operations.append(operation)
            } else {
                byPath.append((route.path, [operation]))
            }
        }
        return .object(byPath.map { JSON.Member($0.path, .object($0.operations)) })
    }

    private static func operation(for route: ControlRoute) -> JSON {
        var members: [JSON.Member] = [
            .init("operationId", .string(route.operation)),
            .init("summary", .string(route.summary)),
        ]
        let parameters =
            route.pathParameters.map { parameter($0, in: "path") } + route.query.map { parameter($0, in: "query") }
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        switch route.body {
        case .none: break
        case .object(let schema):
            members.append(.init("requestBody", ["required": true, "content": content(schema)]))
        case .event:
            members.append(
                .init(
                    "requestBody",
                    [
                        "required": false,
                        "description": "The event: any JSON; nothing stands for `{}`.",
                        "content": ["application/json": ["schema": true]],
                    ]
                )
            )
        }
        members.append(.init("responses", responses(of: route)))
        return .object(members)
    }

    private static func parameter(_ parameter: any DescribedParameter, in place: String) -> JSON {
        [
            "name": .string(parameter.name),
            "in": .string(place),
            "required": .bool(place == "path"),
            "description": .string("\(parameter.meaning) Expected is \(parameter.expected)."),
            "schema": parameter.schema,
        ]
    }

    private static func responses(of route: ControlRoute) -> JSON {
        var contents = content(route.reply.schema).members ?? []
        if route.reply.isReport {
            // Its shape is no contract: it is for a client of the same version, which makes tables of it.
            contents.append(.init(ReplyForm.document.mediaType, ["schema": ["type": "object"]]))
        }
        let success: JSON = ["description": "Done.", "content": .object(contents)]
        var responses: [JSON.Member] = [.init(String(route.reply.status), success)]
        let byStatus = Dictionary(grouping: route.failures + [.badParameter, .storage, .internal], by: \.status)
        for (status, codes) in byStatus.sorted(by: { $0.key < $1.key }) {
            let names = codes.map(\.name).joined(separator: ", ")
            responses.append(
                .init(String(status), ["description": .string("Failed: \(names)."), "content": content("Failure")])
            )
        }
        responses.append(.init("default", ["description": "Failed.", "content": content("Failure")]))
        return .object(responses)
    }

    private static func content(_ schema: String) -> JSON {
        ["application/json": ["schema": ["$ref": .string("#/components/schemas/\(schema)")]]]
    }
}
