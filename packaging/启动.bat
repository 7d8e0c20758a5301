@echo off
cd /d "%~dp0"
if not "%~1"=="" (
  reportgen.exe build %*
  pause
  exit /b
)
reportgen.exe serve
if errorlevel 1 pause
