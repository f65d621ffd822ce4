"""Events of assessment.  Findings and sheets are participation's: assessment only reads them."""
