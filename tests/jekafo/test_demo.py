"""The demo, as a stranger runs it."""

import os
import re
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_quick_demo_runs_the_whole_chain_and_prints_truth_beside_estimate() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "jekafo", "demo", "--quick", "--once"],
        env={**os.environ, "LC_ALL": "en_GB.UTF-8", "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "150/150" in result.stdout
    assert "Tables built: community_perceptions, 150 of 150 submissions." in result.stdout
    assert "Tables built: authority_perceptions, 12 of 12 submissions." in result.stdout
    assert "Tables built: focus_group, 6 of 6 submissions." in result.stdout
    row = r"│ [^│]+ │ [^│]+ │ -?[\d.]+ %\s*│ -?[\d.]+ %\s*│ -?[\d.]+ % to -?[\d.]+ %\s*│ \d+\s*│"
    # Three differences within the community survey and a gap between residents and officials, two places each.
    assert len(re.findall(row, result.stdout)) == 8, result.stdout
