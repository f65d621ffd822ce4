"""Reviews (评审): who may review a work, marks by the campaign's rubric, works returned to their authors."""
