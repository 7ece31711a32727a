# Set everything up on Windows: Python environment, packages, weights, Node packages. -Test runs the tests after it.
# Written for PowerShell 7; not run by us, see "What was run where" in the README.
param([switch]$Test)
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')
function Invoke-Step([string]$Name, [scriptblock]$Command) {
  Write-Host "  $Name"
  & $Command
  if ($LASTEXITCODE -ne 0) { throw "$Name failed with exit code $LASTEXITCODE" }
}

$python = '.venv\Scripts\python.exe'
[string[]]$base = if ($env:POSE_PYTHON) { @($env:POSE_PYTHON) } else { @('py', '-3') }
Remove-Item Env:POSE_PYTHON -ErrorAction Ignore # the tests are to find .venv
if (-not (Test-Path $python)) {
  Invoke-Step 'Python environment .venv' { & $base[0] @($base | Select-Object -Skip 1) -m venv .venv }
}
$requirements = @('-r', 'requirements-core.txt')
if ($Test) { $requirements += @('-r', 'requirements-dev.txt') }
Invoke-Step 'Python packages' { & $python -m pip install --disable-pip-version-check @requirements }
Invoke-Step 'pose-sidecar itself' { & $python -m pip install --disable-pip-version-check --no-deps -e . }
Invoke-Step 'Node packages' { npm install --no-save }
Invoke-Step 'TypeScript client' { npm run build }
Invoke-Step 'Model weights' { & $python -m sidecar models pull --dir .models }
if ($Test) {
  Invoke-Step 'Lint: ruff' { & $python -m ruff check . }
  Invoke-Step 'Format: ruff' { & $python -m ruff format --check . }
  Invoke-Step 'Lint and format: Biome' { npm run lint }
  Invoke-Step 'Types: mypy' { & $python -m mypy }
  Invoke-Step 'Types: tsc' { npm run typecheck --workspaces --if-present }
  Invoke-Step 'Generated files are current' { & $python -m scripts.generate --check }
  Invoke-Step 'TypeScript tests' { npm test --workspaces --if-present }
  Invoke-Step 'Python tests' { & $python -m pytest }
}
