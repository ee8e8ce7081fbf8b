import LoopModel

/// Being written.
struct TableRenderer {
    var width: Int
    var colour: Bool
    var reader: Reader

    func text(of document: ReportDocument) -> String { document.title }
}
