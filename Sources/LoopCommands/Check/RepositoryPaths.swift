import LoopModel
import LoopOS

/// Names functions' files as their repository does, so that the names are the same on every machine.
struct RepositoryPaths {
    /// The functions' folders, without links and dots.
    private let roots: [FunctionName: String]
    /// Where names start from: the repository's folder, else the folder one stands in; none where a function lies in
    /// neither.
    private let bases: [FunctionName: String]
    /// What each function invokes.
    private(set) var handlers: [FunctionName: CheckedHandler] = [:]

    /// - Parameters:
    ///   - functions: what was checked.
    ///   - folder: the folder one stands in.
    init(_ functions: [FunctionConfiguration], in folder: String) {
        var roots: [FunctionName: String] = [:]
        var bases: [FunctionName: String] = [:]
        for function in functions where roots[function.name] == nil {
            let root = File.realPath(function.root) ?? function.root
            roots[function.name] = root
            bases[function.name] =
                Self.repository(around: root) ?? ("\(root)/".hasPrefix("\(folder)/") ? folder : nil)
        }
        self.roots = roots
        self.bases = bases
        for function in functions where handlers[function.name] == nil {
            // Those whose handler is no name in a module.
            if function.kind == .tests || function.kind == .notebook {
                let source = function.kind == .tests ? function.source : "\(function.root)/\(function.handler)"
                let file = File.path(source, from: function.root)
                handlers[function.name] = CheckedHandler(name: name(of: file, in: function.name), file: file)
                continue
            }
            let parts = function.handler.split(separator: ".")
            let file = parts.dropLast().joined(separator: "/") + ".py"
            let name = "\(name(of: file, in: function.name)):\(parts.last ?? "")"
            handlers[function.name] = CheckedHandler(name: name, file: file)
        }
    }

    /// Relative to the repository where the file lies inside, else absolute.
    func path(of file: String, in function: FunctionName) -> String {
        let path = file.hasPrefix("/") ? file : "\(roots[function] ?? "")/\(file)"
        return bases[function].map { File.path(path, from: $0) } ?? path
    }

    /// As ``path(of:in:)``, but never with a part that another machine has not.
    func name(of file: String, in function: FunctionName) -> String {
        let path = path(of: file, in: function)
        guard path.hasPrefix("/") else { return path }
        if !file.hasPrefix("/") { return file }
        let line = CodeLine(file: file, line: 0, function: "")
        return line.installedPath.map(String.init) ?? file.split(separator: "/").last.map(String.init) ?? file
    }

    private static func repository(around folder: String) -> String? {
        var folder = folder[...]
        while !folder.isEmpty {
            if FileStamp(path: "\(folder)/.git") != nil { return String(folder) }
            folder = folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)]
        }
        return nil
    }
}

extension CheckReport {
    /// Notes where each finding is, in words that outlast this version of the code.
    ///
    /// - Parameters:
    ///   - paths: names the functions' files.
    ///   - sources: the functions' code.
    ///   - folder: the folder one stands in, from which texts name files, too.
    mutating func anchor(by paths: RepositoryPaths, _ sources: SourceLines, in folder: String) {
        handlers = paths.handlers
        for run in runs.indices {
            for index in runs[run].findings.indices {
                let finding = runs[run].findings[index]
                runs[run].findings[index].anchor = anchor(of: finding, by: paths, sources)
                // What lies outside the function's folder, as a layer does, is named by its whole path up to here.
                runs[run].findings[index].message = finding.message.replacing("\(folder)/", with: "")
                runs[run].findings[index].advice = finding.advice.replacing("\(folder)/", with: "")
            }
        }
    }

    private func anchor(of finding: Finding, by paths: RepositoryPaths, _ sources: SourceLines) -> FindingAnchor {
        guard let site = finding.site else {
            let handler = paths.handlers[finding.function]?.name ?? finding.function.rawValue
            return FindingAnchor(file: handler, scope: "", text: "", occurrence: 0)
        }
        // Cells of a notebook come and go above one another as lines do.
        let file = paths.name(of: SourcePlace(file: site.file).path, in: finding.function)
        return FindingAnchor(file: file, line: site, in: sources.lines(of: finding.function, in: site.file))
    }
}
