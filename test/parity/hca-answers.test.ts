import { recordedAnswers } from './answers.ts';
import { startHcaService } from './hca-service.ts';

recordedAnswers('hca', 672, startHcaService);
