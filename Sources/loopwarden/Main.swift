import LoopCommands
import LoopOS

/// The program `loopwarden`; everything it does is in `LoopCommands`.
@main
enum Main {
    static func main() async {
        let console = Console.ofThisProcess()
        ThisProcess.exit(with: await Program.run(Array(CommandLine.arguments.dropFirst()), on: console))
    }
}
