import ArgumentParser
import LoopWire

struct DoctorCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks for what is wrong: with the socket, the daemon, its interpreters and its history.",
        discussion: "Exits with 0 when all is well, 69 when no daemon runs, 78 when something is to be mended."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func perform(on console: Console) throws -> CommandStatus {
        let printer = ReportPrinter(on: console, connection, output)
        let diagnosis = ClientDiagnosis(printer: printer)
        try printer.print(diagnosis.document)
        return diagnosis.status
    }
}
