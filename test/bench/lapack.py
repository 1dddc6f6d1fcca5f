# Two full float32 SVDs with vectors by LAPACK (gesdd), as a user would compute today, and what follows from them.
# Arguments: rows columns rank base.bin tuned.bin (float32, row-major). Prints JSON.
import json
import sys
import time

import numpy as np

rows, columns, rank = (int(value) for value in sys.argv[1:4])
base, tuned = (np.fromfile(path, np.float32).reshape(rows, columns) for path in sys.argv[4:6])
start = time.perf_counter()
u, s, vt = np.linalg.svd(base, full_matrices=False)
u2, s2, vt2 = np.linalg.svd(tuned, full_matrices=False)
seconds = time.perf_counter() - start


def mean_angle(x, y):
    x, y = np.linalg.qr(x.astype(np.float64))[0], np.linalg.qr(y.astype(np.float64))[0]
    sines = np.linalg.svd(y - x @ (x.T @ y), compute_uv=False)
    return float(np.degrees(np.arcsin(np.clip(sines, 0, 1))).mean())


print(
    json.dumps(
        {
            "seconds": seconds,
            "numpy": np.__version__,
            "sigmaBase": s[:rank].astype(float).tolist(),
            "sigmaTuned": s2[:rank].astype(float).tolist(),
            "left": mean_angle(u[:, :rank], u2[:, :rank]),
            "right": mean_angle(vt[:rank].T, vt2[:rank].T),
        }
    )
)
