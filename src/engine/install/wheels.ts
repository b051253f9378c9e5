/**
 * The Python wheels that carry the engine, each pinned by the SHA-256 that the Python Package Index publishes for it.
 *
 * @module
 */

/** The TensorFlow release that the engine is written for. */
export const tensorflowVersion = "2.21.0";

/** A release of a Python package, and the only files that are accepted for it. */
export type PinnedPackage = {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of each wheel that may be installed, in hexadecimal; one for each Python if there are several. */
  readonly sha256: readonly string[];
};

/** A line of a pip requirements file. With it, pip installs nothing whose digest the line does not name. */
export function requirement({ name, version, sha256 }: PinnedPackage): string {
  return [`${name}==${version}`, ...sha256.map((digest) => `--hash=sha256:${digest}`)].join(" ");
}

/** For Linux on x86-64, without CUDA: the wheels for CPython 3.10 to 3.13. */
export const cpuOnX86: PinnedPackage = {
  name: "tensorflow-cpu",
  version: tensorflowVersion,
  sha256: [
    "d143e92f5c0661cdfa26eaca8f73cd2efd0ec53a68af8dec82f584ba8eb14b83",
    "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
    "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
    "05af7c26d35f4de910b5598c7b507e3981831a7b0f47fed9a405d995d51d7793",
  ],
};

/** For Linux on x86-64, with CUDA: the wheels for CPython 3.10 to 3.13. */
export const cudaOnX86: PinnedPackage = {
  name: "tensorflow",
  version: tensorflowVersion,
  sha256: [
    "77c6f298e695ea1d283cdd7d30f8d97530cc6e92c1395a9ddbab9771c99233a4",
    "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
    "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
    "e9d8da8dcab9650efb45f032ba70af2f016f907e6e0c6bda29dd101bba945406",
  ],
};

/** For Linux on arm64: the wheels for CPython 3.10 to 3.13. */
export const cpuOnArm: PinnedPackage = {
  name: "tensorflow",
  version: tensorflowVersion,
  sha256: [
    "7c97938b25cf70c80ae8619931f85abcdee2ab2eb256c2051202edb3b89e9a5d",
    "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
    "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552",
    "a10abdfb8b1189210c251021a3f153b7ccc52a8e6521351f3dc3331e8ba593e0",
  ],
};

/** For macOS on arm64: the wheels for CPython 3.10 to 3.13. */
export const cpuOnMac: PinnedPackage = {
  name: "tensorflow",
  version: tensorflowVersion,
  sha256: [
    "6462632889e0e9ce1455b208c87b86a8c154e899407ef7d426ef1ec71647f565",
    "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88",
    "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712",
    "a145ed46c58192b7c3f9916d070caf4f6afc6dc7e5511f83dd97677f4c4947f4",
  ],
};

/**
 * NVIDIA's libraries for the build with CUDA. They are the packages that TensorFlow's `and-cuda` extra asks for, each
 * in the newest release that it allowed on the day of pinning.
 */
export const cudaLibraries: readonly PinnedPackage[] = [
  {
    name: "nvidia-cublas-cu12",
    version: "12.9.3.13",
    sha256: ["d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72"],
  },
  {
    name: "nvidia-cuda-cupti-cu12",
    version: "12.9.79",
    sha256: ["096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f"],
  },
  {
    name: "nvidia-cuda-nvcc-cu12",
    version: "12.9.86",
    sha256: ["5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0"],
  },
  {
    name: "nvidia-cuda-nvrtc-cu12",
    version: "12.9.86",
    sha256: ["210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4"],
  },
  {
    name: "nvidia-cuda-runtime-cu12",
    version: "12.9.79",
    sha256: ["25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3"],
  },
  {
    name: "nvidia-cudnn-cu12",
    version: "9.28.0.42",
    sha256: ["9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375"],
  },
  {
    name: "nvidia-cufft-cu12",
    version: "11.4.1.4",
    sha256: ["c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28"],
  },
  {
    name: "nvidia-curand-cu12",
    version: "10.3.10.19",
    sha256: ["49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e"],
  },
  {
    name: "nvidia-cusolver-cu12",
    version: "11.7.5.82",
    sha256: ["15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88"],
  },
  {
    name: "nvidia-cusparse-cu12",
    version: "12.5.10.65",
    sha256: ["73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78"],
  },
  {
    name: "nvidia-nccl-cu12",
    version: "2.32.3",
    sha256: ["bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c"],
  },
  {
    name: "nvidia-nvjitlink-cu12",
    version: "12.9.86",
    sha256: ["e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9"],
  },
];
