@echo off
rem Builds dist\reportgen\ on Windows; see README.md beside this file.
cd /d "%~dp0\.."
.venv\Scripts\python -m PyInstaller --noconfirm --distpath dist --workpath build packaging\reportgen.spec || exit /b 1
copy /y packaging\*.bat dist\reportgen\ >nul
del dist\reportgen\build.bat
