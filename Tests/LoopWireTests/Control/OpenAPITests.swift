import Foundation
import LoopModel
import LoopWire
import Testing

@Suite("The OpenAPI document") struct OpenAPITests {
    /// `Config/openapi.json`; written anew when the variable `LOOPWARDEN_WRITE_GOLDEN` is set.
    static let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../Config/openapi.json"
    )

    @Test("is the one in Config")
    func sameAsGolden() throws {
        let text = OpenAPIDocument.json.indentedText
        if ProcessInfo.processInfo.environment["LOOPWARDEN_WRITE_GOLDEN"] != nil {
            try text.write(to: Self.golden, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: Self.golden, encoding: .utf8)
        #expect(kept == text, "Set LOOPWARDEN_WRITE_GOLDEN=1 and run again to take the new one; changes are additive.")
    }

    @Test("is the same value in both of its texts")
    func texts() throws {
        let json = OpenAPIDocument.json
        #expect(try JSONReader.value(of: Array(json.indentedText.utf8)).text == json.text)
    }

    @Test("describes every route once, with all of its parameters")
    func routes() throws {
        let paths = try #require(OpenAPIDocument.json["paths"])
        for route in ControlRoutes.all {
            let operation = try #require(paths[route.path]?[route.method.rawValue.lowercased()])
            #expect(operation["operationId"]?.stringValue == route.operation)
            let inBraces = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
            #expect(route.pathParameters.map(\.name) == inBraces)
            let names = operation["parameters"]?.elements?.compactMap { $0["name"]?.stringValue } ?? []
            #expect(names == (route.pathParameters + route.query).map(\.name))
        }
        let operations = paths.members?.reduce(0) { $0 + ($1.value.members?.count ?? 0) }
        #expect(operations == ControlRoutes.all.count)
        #expect(Set(ControlRoutes.all.map(\.operation)).count == ControlRoutes.all.count)
    }

    @Test("has every schema that it points to, and points to every schema that it has")
    func references() throws {
        let document = OpenAPIDocument.json
        let schemas = try #require(document["components"]?["schemas"]?.members).map { "#/components/schemas/\($0.key)" }
        #expect(Set(Self.references(in: document)) == Set(schemas))
        #expect(Set(schemas).count == schemas.count)
    }

    /// Golden files of LoopReports by the operation that answers with them.
    static let reports = [
        "history": "listInvocations", "show": "showInvocation", "loops": "listLoops", "findings": "listFindings",
        "alerts": "listAlerts", "functions": "listFunctions", "status": "status", "logs": "showLogs",
        "preload": "suggestPreload",
    ]

    @Test("is kept by every report", arguments: reports)
    func reportsKeepIt(_ report: String, _ operation: String) throws {
        let file = URL(filePath: #filePath).appending(path: "../../../LoopReportsTests/Golden/\(report).json")
        let reply = try JSONReader.value(of: Array(Data(contentsOf: file.standardized)))
        #expect(OpenAPIDocument.faults(in: reply, of: operation, status: 200) == [])
    }

    @Test("is kept by the reply to an invocation and by failures")
    func othersKeepIt() throws {
        let reply = RunReply(record: RunReplyTests.record, result: [0x31], findings: [RunReplyTests.finding])
        #expect(OpenAPIDocument.faults(in: try JSONReader.value(of: reply.bytes), of: "invoke", status: 200) == [])
        let failure = APIFailure.queueFull("Full.")
        #expect(OpenAPIDocument.faults(in: failure.json, of: "invoke", status: failure.status) == [])
    }

    @Test("is not kept by what has other keys, types or words")
    func faults() throws {
        func faults(_ text: String, of operation: String = "listRules") throws -> [String] {
            OpenAPIDocument.faults(in: try JSONReader.value(of: Array(text.utf8)), of: operation, status: 200)
        }
        #expect(try faults(#"{"schema":"loopwarden.rules/1","rules":[],"more":1}"#) == [])
        #expect(try faults(#"{"schema":"loopwarden.rules/2","rules":[]}"#).count == 1)
        #expect(try faults(#"{"schema":"loopwarden.rules/1","rules":{}}"#) == [#"reply.rules is no "array""#])
        #expect(
            try faults(#"{"schema":"loopwarden.rules/1","rules":[{"severity":"fatal"}]}"#).contains {
                $0.contains("fatal")
            }
        )
        #expect(try faults("{}", of: "no-such") == ["there is no operation no-such"])
    }

    private static func references(in json: JSON) -> [String] {
        let inner = (json.elements ?? json.members?.map(\.value) ?? []).flatMap(references(in:))
        return inner + (json["$ref"]?.stringValue.map { [$0] } ?? [])
    }
}
