"""The errors by what they are about; `errors` draws their tree and hands them out."""
