"""Word documents → PDFs, by Word, WPS or LibreOffice; as pages look, so fonts decide."""
