package import LoopModel

extension ReportDocument {
    /// The document in a form; the one place that chooses between them.
    package func rendered(as format: OutputFormat, for reader: Reader = Reader()) -> String {
        switch format {
        case .table(let width, let colour): TableRenderer(width: width, colour: colour, reader: reader).text(of: self)
        case .json: JSONRenderer().text(of: self)
        case .html: HTMLRenderer(reader: reader).text(of: self)
        }
    }
}
