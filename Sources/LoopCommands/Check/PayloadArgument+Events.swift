import LoopModel
import LoopOS

extension PayloadArgument {
    /// The events that are meant by one argument: of a folder its .json files, in the order of their names.
    ///
    /// - Throws: ``CommandFailure`` when one cannot be read, or is not JSON, or there is none in the folder.
    func events(on console: Console) throws(CommandFailure) -> [CheckEvent] {
        guard let path, FileStamp(path: path)?.isFolder == true else {
            return [CheckEvent(bytes: try read(on: console))]
        }
        return try Self.events(in: path)
    }

    /// The events that are meant by a list: files and folders, or one JSON array of events.
    ///
    /// - Throws: ``CommandFailure`` when one cannot be read, or is not JSON, or there is none.
    static func events(_ list: [Self], on console: Console) throws(CommandFailure) -> [CheckEvent] {
        if list.count == 1, let only = list.first {
            let events = try only.events(on: console)
            guard events.count == 1, let event = events.first, event.name == nil,
                let elements = try? JSONReader.value(of: event.bytes).elements
            else { return events }
            guard !elements.isEmpty else {
                throw .noEvent("The list of events is empty.", hint: "Give at least one, as in --events '[{}]'.")
            }
            return elements.map { CheckEvent(bytes: Array($0.text.utf8)) }
        }
        var events: [CheckEvent] = []
        for argument in list {
            let name = argument.path?.split(separator: "/").last.map(String.init)
            events += try argument.events(on: console).map { CheckEvent(name: $0.name ?? name, bytes: $0.bytes) }
        }
        return events
    }

    private static func events(in folder: String) throws(CommandFailure) -> [CheckEvent] {
        let names: [String]
        do {
            names = try Folder.entries(of: folder)
        } catch {
            throw .unreadable(error)
        }
        let files = names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
        guard !files.isEmpty else {
            throw .noEvent(
                "The folder \(folder) has no event: no file in it ends in .json.",
                hint: "Put one file with JSON into it for each event."
            )
        }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return try files.map { (name) throws(CommandFailure) in
            CheckEvent(name: name, bytes: try read(prefix + name))
        }
    }
}
