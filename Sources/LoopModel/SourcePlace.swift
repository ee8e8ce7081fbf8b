/// The file that holds a line of Python: a module, or a cell of a notebook.
///
/// Cell 3 of `report.ipynb` has the file name `report.ipynb:cell 3`; cells are the code cells that are not blank,
/// from 1, as Jupyter numbers them when all are run.
package struct SourcePlace: Hashable, Sendable {
    private static let mark = ".ipynb:cell "

    /// As the system knows it.
    package var path: String
    /// From 1; nil in a module.
    package var cell: Int?

    /// - Parameter file: as a ``CodeLine`` names it.
    package init(file: String) {
        path = file
        guard let range = file.ranges(of: Self.mark).last, let number = Int(file[range.upperBound...]) else { return }
        path = file[..<range.lowerBound] + ".ipynb"
        cell = number
    }

    /// The lines of Python that the file's bytes hold here; none when they are no notebook, or there is no such cell.
    package func lines(in bytes: [UInt8]) -> [String] {
        guard let cell else {
            let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
            return lines.map { String(decoding: $0, as: UTF8.self) }
        }
        let notebook = (try? JSONReader.value(of: bytes)) ?? .null
        let codeCells = notebook["cells"]?.elements?.filter { $0["cell_type"]?.stringValue == "code" } ?? []
        let sources = codeCells.map(Self.source).filter { !$0.allSatisfy(\.isWhitespace) }
        guard sources.indices.contains(cell - 1) else { return [] }
        return sources[cell - 1].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Jupyter writes a list of lines, other programs one text.
    private static func source(of cell: JSON) -> String {
        let source = cell["source"]
        return source?.elements?.compactMap(\.stringValue).joined() ?? source?.stringValue ?? ""
    }
}
