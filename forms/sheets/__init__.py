"""Our sheets and columns of a workbook: what the answers mean, read into the nouns of `forms.interpretation`."""
