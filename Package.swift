// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// What a product of another package is called here.
let nio = "swift-nio"
let lifecycle = "swift-service-lifecycle"

let package = Package(
    name: "loopwarden",
    products: [
        .executable(name: "loopwarden", targets: ["loopwarden"]),
        .executable(name: "loopwarden-bench", targets: ["LoopBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // The arrows are explained in README.md and checked by Scripts/layers.
        .target(name: "LoopModel", swiftSettings: settings),
        .target(name: "LoopRules", dependencies: ["LoopModel"], swiftSettings: settings),
        .target(name: "LoopReports", dependencies: ["LoopModel"], swiftSettings: settings),
        .target(name: "LoopWire", dependencies: ["LoopModel"], swiftSettings: settings),
        .target(name: "CLoopOS"),
        .target(name: "LoopOS", dependencies: ["CLoopOS"], swiftSettings: settings),
        .target(
            name: "LoopStore",
            dependencies: [
                "LoopModel",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .target(name: "CPythonProbe"),
        .target(
            name: "PythonProbe",
            dependencies: ["CPythonProbe"],
            exclude: ["README.md", "bootstrap.py", "loopwarden_probe", "loopwarden_worker", "pyproject.toml"],
            swiftSettings: settings
        ),
        .target(
            name: "LoopRunner",
            dependencies: [
                "LoopModel", "LoopOS", "LoopWire", "PythonProbe",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "LoopDaemon",
            dependencies: [
                "LoopModel", "LoopOS", "LoopReports", "LoopRules", "LoopRunner", "LoopStore", "LoopWire",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "ServiceLifecycle", package: lifecycle),
                .product(name: "UnixSignals", package: lifecycle),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "LoopCommands",
            dependencies: [
                "LoopDaemon", "LoopModel", "LoopOS", "LoopReports", "LoopRules", "LoopWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(name: "loopwarden", dependencies: ["LoopCommands", "LoopOS"], swiftSettings: settings),
        // What Scripts/bench measures with; not installed.
        .executableTarget(
            name: "LoopBench",
            dependencies: [
                "LoopModel", "LoopOS", "LoopReports", "LoopStore", "LoopWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),

        .testTarget(name: "LoopModelTests", dependencies: ["LoopModel"], swiftSettings: settings),
        .testTarget(name: "LoopRulesTests", dependencies: ["LoopModel", "LoopRules"], swiftSettings: settings),
        .testTarget(
            name: "LoopReportsTests",
            dependencies: ["LoopModel", "LoopReports"],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(name: "LoopWireTests", dependencies: ["LoopModel", "LoopWire"], swiftSettings: settings),
        .testTarget(name: "LoopOSTests", dependencies: ["LoopOS"], swiftSettings: settings),
        .testTarget(
            name: "LoopStoreTests",
            dependencies: ["LoopModel", "LoopStore", .product(name: "GRDB", package: "GRDB.swift")],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LoopRunnerTests",
            dependencies: [
                "LoopModel", "LoopOS", "LoopRunner", "LoopWire", "PythonProbe",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LoopCommandsTests",
            dependencies: [
                "LoopCommands", "LoopModel", "LoopOS", "LoopReports", "LoopWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LoopDaemonTests",
            dependencies: [
                "LoopCommands", "LoopDaemon", "LoopModel", "LoopOS", "LoopRules", "LoopRunner", "LoopStore", "LoopWire",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "ServiceLifecycle", package: lifecycle),
            ],
            swiftSettings: settings
        ),
    ]
)
