import ArgumentParser
import LoopModel
import Testing

@testable import LoopCommands

@Suite("Reading invoke without the argument parser") struct QuickInvokeTests {
    static let lines = [
        "invoke f", "invoke --cold f", "invoke f --cold --json --no-color", "invoke f --payload {} --count 3",
        "invoke f --payload - --socket /s", "invoke --payload @file f", "invoke f --socket a --socket b",
        "invoke f --payload 1 --payload 2", "invoke f --count 1 --count 12",
    ]

    static let others = [
        "", "invoke", "invoke a b", "invoke a.b", "invoke f --count 0", "invoke f --count x", "invoke f --payload",
        "invoke f --payload --cold", "invoke f --payload -5", "invoke f --payload=1", "invoke f --help", "invoke f -h",
        "invoke f --connect-timeout 1", "invoke -- f", "history", "--socket /s invoke f", "invoke f --colt",
    ]

    @Test("comes to the same as the argument parser", arguments: lines)
    func same(_ line: String) throws {
        let arguments = line.split(separator: " ").map(String.init)
        let parsed = try #require(try Loopwarden.parseAsRoot(arguments) as? InvokeCommand)
        #expect(InvocationOrder(quicklyReading: arguments) == parsed.order)
    }

    @Test("leaves everything else to it", arguments: others)
    func nothing(_ line: String) {
        #expect(InvocationOrder(quicklyReading: line.split(separator: " ").map(String.init)) == nil)
    }
}
