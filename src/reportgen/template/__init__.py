"""Word templates: opened once, compiled once, rendered to bytes. docxtpl is used nowhere else."""
