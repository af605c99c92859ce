"""Reason why a YAML file cannot be read, in words."""

import yaml


def reason(error: Exception) -> str:
    """Say it in one line. YAML's own words quote the file, and a key may stand there."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{error.problem} in line {error.problem_mark.line + 1}."
    return " ".join(str(error).split())
